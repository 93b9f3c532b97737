{% macro raw_columns(source_name, table_name) %}
    {#- Columns and types of the raw tables that unit tests give rows of.

        They repeat the YAML of the sources, which unit tests cannot read; the test
        `raw_columns_are_those_of_the_sources` compares the two.

        Arguments:
            source_name: the source, for example `litellm`.
            table_name: its table, for example `spend_logs`.
        Returns: dictionary of column name -> type of the raw contract; empty for other tables.
    -#}
    {% set tables = {
        'business.outcomes': {
            'text': 'outcome_id outcome_type team feature trace_id currency',
            'timestamp': 'occurred_at',
            'numeric(38,9)': 'quantity value',
            'bigint': '_load_id _line_number',
        },
        'directory.users': {
            'text': 'user_id user_name team_id',
            'timestamp': 'valid_from valid_to',
            'bigint': '_load_id _line_number',
        },
        'finance.invoice_lines': {
            'text': 'invoice_id line_id provider period service description currency line_kind',
            'numeric(38,12)': 'amount',
            'timestamp': 'issued_at',
            'bigint': '_load_id _line_number',
        },
        'litellm.keys': {
            'text': 'token key_name key_alias user_id team_id project_id',
            'json': 'metadata',
            'timestamp': 'expires created_at updated_at',
            'bigint': '_load_id _line_number',
        },
        'litellm.spend_logs': {
            'text':
                'request_id call_type api_key model model_id model_group custom_llm_provider'
                ' user_id cache_hit team_id end_user session_id status mcp_namespaced_tool_name'
                ' organization_id agent_id litellm_call_id',
            'numeric(38,15)': 'spend',
            'bigint':
                'total_tokens prompt_tokens completion_tokens request_duration_ms'
                ' input_characters output_characters _load_id _line_number',
            'timestamp': 'start_time end_time completion_start_time',
            'json': 'metadata request_tags',
        },
        'litellm.teams': {
            'text': 'team_id team_alias organization_id',
            'json': 'metadata',
            'timestamp': 'created_at updated_at',
            'bigint': '_load_id _line_number',
        },
        'otel.spans': {
            'text': 'trace_id span_id parent_span_id span_name scope_name scope_version',
            'integer': 'span_kind status_code',
            'timestamp': 'start_time end_time',
            'json': 'resource_attributes attributes',
            'bigint': 'input_characters output_characters _load_id _line_number',
        },
        'langfuse.observations': {
            'text':
                'observation_id trace_id project_id type parent_observation_id name level'
                ' environment version release provided_model_name prompt_name'
                ' usage_pricing_tier_name user_id session_id trace_name',
            'timestamp': 'start_time end_time',
            'json': 'usage_details cost_details metadata tags',
            'numeric(38,15)': 'total_cost',
            'bigint': 'input_characters output_characters _load_id _line_number',
        },
        'langfuse.traces': {
            'text': 'trace_id project_id name environment user_id session_id release version',
            'timestamp': 'traced_at',
            'json': 'metadata tags',
            'bigint': '_load_id _line_number',
        },
        'bedrock.invocations': {
            'text':
                'request_id account_id region inference_region operation model_id identity_arn'
                ' error_code response_id service_tier',
            'timestamp': 'logged_at',
            'json': 'request_metadata',
            'bigint':
                'input_token_count output_token_count cache_read_input_token_count'
                ' cache_write_input_token_count cache_write_1h_input_token_count'
                ' input_characters output_characters _load_id _line_number',
        },
        'openai.usage': {
            'text': 'object project_id user_id api_key_id model batch service_tier size source',
            'timestamp': 'start_time end_time',
            'bigint':
                'num_model_requests input_tokens input_cached_tokens input_uncached_tokens'
                ' input_cache_write_tokens input_text_tokens input_image_tokens'
                ' input_audio_tokens input_cached_audio_tokens input_cached_image_tokens output_tokens output_text_tokens'
                ' output_image_tokens output_audio_tokens images characters seconds num_sessions'
                ' usage_bytes _load_id _line_number',
        },
        'openai.costs': {
            'timestamp': 'start_time end_time',
            'text': 'project_id line_item currency quantity_unit',
            'numeric(38,15)': 'amount',
            'numeric(38,9)': 'quantity',
            'bigint': '_load_id _line_number',
        },
        'anthropic.usage': {
            'timestamp': 'starting_at ending_at',
            'text':
                'workspace_id api_key_id account_id service_account_id model service_tier'
                ' context_window inference_geo speed',
            'bigint':
                'uncached_input_tokens cache_read_input_tokens cache_creation_5m_input_tokens'
                ' cache_creation_1h_input_tokens output_tokens web_search_requests _load_id'
                ' _line_number',
        },
        'anthropic.costs': {
            'timestamp': 'starting_at ending_at',
            'text':
                'workspace_id description cost_type model token_type service_tier'
                ' context_window inference_geo currency',
            'numeric(38,15)': 'amount',
            'bigint': '_load_id _line_number',
        },
        'retrieval.queries': {
            'text':
                'query_id store index_name operation model trace_id status team feature project'
                ' environment user_id api_key',
            'timestamp': 'queried_at',
            'numeric(38,9)': 'read_units write_units search_units storage_gb_months',
            'bigint': 'result_count egress_bytes embed_tokens _load_id _line_number',
            'json': 'tags',
        },
    } %}
    {% set types = {} %}
    {% for type, columns in tables.get(source_name ~ '.' ~ table_name, {}).items() %}
        {% for column in columns.split() %}
            {% do types.update({column: type}) %}
        {% endfor %}
    {% endfor %}
    {{ return(types) }}
{% endmacro %}
