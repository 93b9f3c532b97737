{% macro price_components() -%}
    {#- The separately priced parts of an event, in the order of the columns of `int_prices_pivoted`.

        Returns: a list of mappings with
            name: as in the seed `price_book`.
            quantity: column of `int_usage_events_rated` that its price multiplies; none where another
                component's quantity is priced by it.
            kind: `count` (whole numbers), `units` (fractional, see `type_quantity`), `seconds` (priced
                by the hour) or `bytes` (priced by the gigabyte).
            parents: components that pay where it has no price of its own, nearest first.
            is_usual: false for what few events have: it is added only where there is some.
            is_fee: true for what costs nothing where a model states no price.
            within: component whose price has it in where it has none of its own.
            uncached: component it would have been without the provider's cache; none for what is not cached.
    -#}
    {%- set rare, fee = {'is_usual': false}, {'is_fee': true} -%}
    {%- set in_tokens = {'is_usual': false, 'within': 'input'} -%}
    {%- set cached = {'uncached': 'input'} -%}
    {%- set components = [
        ['input', 'text_input_tokens', 'count', [], {}],
        ['cache_read', 'text_cache_read_tokens', 'count', ['input'], cached],
        ['cache_write_5m', 'cache_write_5m_tokens', 'count', ['input'], cached],
        ['cache_write_1h', 'cache_write_1h_tokens', 'count', ['cache_write_5m', 'input'], cached],
        ['output', 'text_output_tokens', 'count', [], {}],
        ['reasoning', 'reasoning_tokens', 'count', ['output'], {}],
        ['request', 'billed_requests', 'count', [], fee],
        ['citation', 'citation_tokens', 'count', [], {'is_usual': false, 'is_fee': true}],
        ['input_audio', 'input_audio_tokens', 'count', ['input'], rare],
        ['output_audio', 'output_audio_tokens', 'count', ['output'], rare],
        ['cache_read_audio', 'cache_read_audio_tokens', 'count',
            ['cache_read', 'input_audio', 'input'],
            {'is_usual': false, 'uncached': 'input_audio'}],
        ['input_image', 'input_image_tokens', 'count', ['input'], rare],
        ['output_image', 'output_image_tokens', 'count', ['output'], rare],
        ['cache_read_image', 'cache_read_image_tokens', 'count',
            ['cache_read', 'input_image', 'input'],
            {'is_usual': false, 'uncached': 'input_image'}],
        ['input_video', 'input_video_tokens', 'count', ['input'], rare],
        ['output_video', 'output_video_tokens', 'count', ['output'], rare],
        ['web_search', 'web_searches', 'count', [], {'is_usual': false, 'within': 'request'}],
        ['file_search', 'file_searches', 'count', [], rare],
        ['map_search', 'map_searches', 'count', [], rare],
        ['generated_image', 'output_images', 'count', [],
            {'is_usual': false, 'within': 'output_image'}],
        ['embedded_image', 'input_images', 'count', [], in_tokens],
        ['input_character', 'speech_characters', 'count', [], in_tokens],
        ['text_message', 'text_messages', 'count', [], rare],
        ['document_page', 'document_pages', 'count', [], in_tokens],
        ['annotated_page', 'annotated_pages', 'count', ['document_page'], rare],
        ['search_unit', 'search_units', 'units', [], rare],
        ['read_unit', 'read_units', 'units', [], rare],
        ['write_unit', 'write_units', 'units', [], rare],
        ['storage_gb_month', 'storage_gb_months', 'units', [], rare],
        ['egress_gb', 'egress_bytes', 'bytes', [], rare],
        ['audio_hour', none, 'seconds', [], rare],
        ['input_audio_hour', 'audio_seconds', 'seconds', ['audio_hour'], in_tokens],
    ] -%}
    {%- set described = [] -%}
    {%- for name, quantity, kind, parents, traits in components -%}
        {%- do described.append({
            'name': name,
            'quantity': quantity,
            'kind': kind,
            'parents': parents,
            'is_usual': traits.get('is_usual', true),
            'is_fee': traits.get('is_fee', false),
            'within': traits.get('within'),
            'uncached': traits.get('uncached'),
        }) -%}
    {%- endfor -%}
    {{ return(described) }}
{%- endmacro %}

{% macro price_column(component, rate='list') -%}
    {#- Column of `int_prices_pivoted` with the price of one unit of a component.

        Arguments:
            component: its name in the price book.
            rate: `list`, or `negotiated` for the price after negotiated rates.
    -#}
    {{ return(component ~ ('_price' if rate == 'list' else '_' ~ rate ~ '_price')) }}
{%- endmacro %}
