-- What `chargeback bench` compares the dbt project with: one DuckDB script, written by hand for this job
-- only, that reads the gateway's Parquet files and the seeds and writes the same two tables with the same
-- values: the rated events (`fct_usage_events`) and their daily rollup (`fct_team_daily_costs`).
--
-- It does what the result needs and nothing else: no raw tables, no other sources, no rows of rejects and
-- duplicates, no tests, no increments. The attribution order, the tag keys and the list of environments
-- are written into it. Input: variables `raw` and `seeds`, the folders of the logs and of the seeds.

set TimeZone = 'UTC';
set preserve_insertion_order = false;

create macro key_of(t) as nullif(lower(trim(t)), '');

-- The escapes keep ('a', 'b') and ('ab', '') apart; hardly any text needs them.
create macro escaped(t) as case
    when contains(t, '\') or contains(t, chr(31)) then replace(replace(t, '\', '\\'), chr(31), '\u')
    else t
end;

create macro named_environment(t) as case key_of(t)
    when 'production' then 'prod' when 'prd' then 'prod' when 'live' then 'prod'
    when 'stage' then 'staging' when 'stg' then 'staging' when 'development' then 'dev'
    when 'testing' then 'test' when 'qa' then 'test' else key_of(t)
end;

create macro tag_of(tags, keys) as nullif(trim(
    regexp_extract(tags, '(?i)[\[,]\s*"\s*(?:' || keys || ')\s*:\s*((?:[^"\\]|\\.)*)"', 1)
), '');

-- Decodes the escapes of a JSON string.
create macro plain(t) as case when contains(t, '\') then nullif(trim(json_extract_string('"' || t || '"', '$')), '') else t end;

----------------------------------------------------------------------------------------------------
-- Who is who: small tables from the seeds, the directory and the gateway's own tables.

create temp table gateway_teams as
select key_of(team_id) as gateway_id, coalesce(nullif(trim(team_alias), ''), team_id) as team_name
from read_json(getvariable('raw') || '/litellm/LiteLLM_TeamTable.jsonl',
    columns = {team_id: 'varchar', team_alias: 'varchar', updated_at: 'timestamp'})
qualify row_number() over (partition by team_id order by updated_at desc) = 1;

create temp table team_names as
with teams as (
    from read_csv(getvariable('seeds') || '/company/teams.csv', all_varchar = true)
),
aliases as (
    from read_csv(getvariable('seeds') || '/company/team_aliases.csv', all_varchar = true)
),
all_teams as (
    select team_id, team_name from teams
    union all
    select distinct key_of(team_name), first(team_name) over (partition by key_of(team_name) order by team_name)
    from gateway_teams
    where
        key_of(team_name) not in (
            select unnest([key_of(team_id), key_of(team_name)]) from teams
            union all
            select key_of(alias) from aliases
        )
),
names as (
    select key_of(team_id) as name, team_id, 1 as preference from all_teams
    union all
    select key_of(team_name), team_id, 2 from all_teams
    union all
    select key_of(aliases.alias), all_teams.team_id, 3
    from aliases
    inner join all_teams on key_of(aliases.team_id) = key_of(all_teams.team_id)
),
own_names as (
    select name, arg_min(team_id, (preference, team_id)) as team_id from names where name is not null group by name
)
select name, team_id from own_names
union all
select gateway_teams.gateway_id, min(own_names.team_id)
from gateway_teams
inner join own_names on key_of(gateway_teams.team_name) = own_names.name
where gateway_teams.gateway_id not in (select name from own_names)
group by gateway_teams.gateway_id;

create temp table platform as
select min(team_id) as team_id
from read_csv(getvariable('seeds') || '/company/teams.csv', all_varchar = true)
where is_platform = 'true';

create temp table feature_names as
with features as (
    from read_csv(getvariable('seeds') || '/company/features.csv', all_varchar = true)
),
names as (
    select key_of(feature_id) as name, feature_id, 1 as preference from features
    union all
    select key_of(feature_name), feature_id, 2 from features
    union all
    select key_of(alias), feature_id, 3
    from read_csv(getvariable('seeds') || '/company/feature_aliases.csv', all_varchar = true)
    where feature_id in (select feature_id from features)
),
best_names as (
    select name, arg_min(feature_id, (preference, feature_id)) as feature_id
    from names
    where name is not null
    group by name
)
select best_names.name, features.feature_id, features.project, team_names.team_id
from best_names
inner join features on best_names.feature_id = features.feature_id
left join team_names on key_of(features.team_id) = team_names.name;

create temp table key_owners as
with directory_keys as (
    select distinct
        api_key,
        nullif(trim(user_id), '') as user_id,
        team_id,
        coalesce(valid_from, timestamp '1970-01-01') as valid_from,
        coalesce(valid_to, timestamp '9999-12-31') as valid_to
    from read_csv(getvariable('raw') || '/directory/api_keys.csv', header = true, columns = {
        api_key: 'varchar', key_alias: 'varchar', team_id: 'varchar', user_id: 'varchar',
        service_account: 'varchar', valid_from: 'timestamp', valid_to: 'timestamp'})
),
owners as (
    select directory_keys.api_key, team_names.team_id, user_id, valid_from, valid_to
    from directory_keys
    left join team_names on key_of(directory_keys.team_id) = team_names.name
    union all
    select token, team_names.team_id, user_id, timestamp '1970-01-01', timestamp '9999-12-31'
    from (
        from read_json(getvariable('raw') || '/litellm/LiteLLM_VerificationToken.jsonl',
            columns = {token: 'varchar', user_id: 'varchar', team_id: 'varchar', updated_at: 'timestamp'})
        where token not in (select api_key from directory_keys)
        qualify row_number() over (partition by token order by updated_at desc) = 1
    ) as tokens
    left join team_names on key_of(tokens.team_id) = team_names.name
),
closed as (
    select
        api_key,
        team_id,
        valid_from,
        least(valid_to, lead(valid_from, 1, valid_to) over (
            partition by api_key order by valid_from, valid_to, coalesce(team_id, ''), coalesce(user_id, '')
        )) as valid_to
    from owners
)
from closed where valid_from < valid_to;

create temp table user_teams as
with directory_users as (
    select distinct
        user_id,
        team_id,
        coalesce(valid_from, timestamp '1970-01-01') as valid_from,
        coalesce(valid_to, timestamp '9999-12-31') as valid_to
    from read_csv(getvariable('raw') || '/directory/users.csv', header = true, columns = {
        user_id: 'varchar', user_name: 'varchar', team_id: 'varchar',
        valid_from: 'timestamp', valid_to: 'timestamp'})
),
memberships as (
    select directory_users.user_id, team_names.team_id, valid_from, valid_to
    from directory_users
    left join team_names on key_of(directory_users.team_id) = team_names.name
    union all
    select users.user_id, team_names.team_id, timestamp '1970-01-01', timestamp '9999-12-31'
    from (
        from read_json(getvariable('raw') || '/litellm/LiteLLM_UserTable.jsonl',
            columns = {user_id: 'varchar', team_id: 'varchar', updated_at: 'timestamp'})
        where user_id not in (select user_id from directory_users)
        qualify row_number() over (partition by user_id order by updated_at desc) = 1
    ) as users
    inner join team_names on key_of(users.team_id) = team_names.name
),
closed as (
    select
        user_id,
        team_id,
        valid_from,
        least(valid_to, lead(valid_from, 1, valid_to) over (
            partition by user_id order by valid_from, valid_to, coalesce(team_id, '')
        )) as valid_to
    from memberships
)
from closed where valid_from < valid_to;

create temp table tools as
select distinct key_of(pattern) as api_key
from read_csv(getvariable('seeds') || '/reference/internal_tooling.csv', all_varchar = true)
where match_on = 'api_key';

----------------------------------------------------------------------------------------------------
-- What the logs name: files, tags and models. Few distinct values, so each is read once.

create temp table files as
select file, row_number() over (order by file) as load_id
from glob(getvariable('raw') || '/litellm/**')
where file like '%.jsonl' or file like '%.parquet';

-- Ids that may repeat; the hash is a fifth of the memory of the texts.
create temp table repeated_ids as
select hash(request_id) as request_hash
from read_parquet(getvariable('raw') || '/litellm/spend_logs/*.parquet')
group by 1
having count(*) > 1;

create temp table tag_lists as
with lists as (
    select distinct request_tags from read_parquet(getvariable('raw') || '/litellm/spend_logs/*.parquet')
    where request_tags is not null
),
tags as (
    select
        request_tags,
        plain(tag_of(request_tags, 'team|team-tag|team_id|team[.]name')) as team_tag,
        plain(tag_of(request_tags, 'feature|app[.]feature|feature_id')) as feature_tag,
        plain(tag_of(request_tags, 'project|project_id|app')) as project_tag,
        plain(tag_of(request_tags, 'environment|env|deployment[.]environment[.]name|deployment[.]environment'))
            as environment_tag,
        plain(tag_of(request_tags, 'owner|cost_owner')) as owner_tag,
        plain(tag_of(request_tags, 'purpose')) as purpose_tag,
        plain(tag_of(request_tags, 'eval_scope|scope')) as eval_scope_tag,
        plain(tag_of(request_tags, 'eval_suite')) as eval_suite_tag,
        plain(tag_of(request_tags, 'eval_run')) as eval_run_tag
    from lists
)
select
    tags.request_tags,
    team_tag is not null as has_team,
    key_of(team_tag) as team_key,
    team_names.team_id,
    key_of(feature_tag) as feature_key,
    feature_names.feature_id,
    feature_names.team_id as feature_team_id,
    feature_names.project as feature_project,
    key_of(project_tag) as project,
    named_environment(environment_tag) as environment,
    key_of(owner_tag) as owner,
    key_of(purpose_tag) as purpose,
    key_of(eval_scope_tag) as eval_scope,
    case when purpose_tag is not null then eval_suite_tag end as eval_suite,
    case when purpose_tag is not null then eval_run_tag end as eval_run
from tags
left join team_names on key_of(tags.team_tag) = team_names.name
left join feature_names on key_of(tags.feature_tag) = feature_names.name;

create temp table models as
with logged as (
    select distinct
        coalesce(custom_llm_provider, '') as logged_provider,
        model as logged_model,
        coalesce(key_of(custom_llm_provider), '') as provider_name,
        key_of(model) as model_name
    from read_parquet(getvariable('raw') || '/litellm/spend_logs/*.parquet')
    where key_of(model) is not null
),
providers as (
    select key_of(provider_alias) as alias, provider
    from read_csv(getvariable('seeds') || '/reference/providers.csv', all_varchar = true)
),
names as (
    select
        logged.*,
        coalesce(own.provider, nullif(provider_name, ''), first_part.provider) as provider,
        case
            when first_part.provider = coalesce(own.provider, first_part.provider)
                then substring(model_name, position('/' in model_name) + 1)
            else model_name
        end as short_name
    from logged
    left join providers as own on logged.provider_name = own.alias
    left join providers as first_part
        on case when position('/' in model_name) > 1 then split_part(model_name, '/', 1) end = first_part.alias
),
aliases as (
    select provider, match_type, key_of(pattern) as pattern, model, cast(priority as integer) as priority
    from read_csv(getvariable('seeds') || '/reference/model_aliases.csv', all_varchar = true)
),
matches as (
    select names.logged_provider, names.logged_model, d.provider, d.model, 'deployment' as match_type, -1 as priority
    from names
    inner join read_csv(getvariable('seeds') || '/company/model_deployments.csv', all_varchar = true) as d
        on key_of(d.deployment) in (names.model_name, names.short_name)
    union all
    select
        names.logged_provider,
        names.logged_model,
        aliases.provider,
        aliases.model,
        aliases.match_type,
        aliases.priority
    from names
    inner join aliases
        on
            names.provider = aliases.provider
            and case aliases.match_type
                when 'exact' then aliases.pattern in (names.model_name, names.short_name)
                when 'prefix'
                    then starts_with(names.model_name, pattern) or starts_with(names.short_name, pattern)
                when 'suffix' then ends_with(names.model_name, pattern) or ends_with(names.short_name, pattern)
                when 'contains' then contains(names.model_name, pattern) or contains(names.short_name, pattern)
            end
),
best_matches as (
    select
        logged_provider,
        logged_model,
        min(provider) as provider,
        min(model) as model,
        min(match_type) as match_type,
        count(distinct provider || '/' || model) as model_count
    from (from matches qualify priority = min(priority) over (partition by logged_provider, logged_model))
    group by all
)
select
    names.logged_provider,
    names.logged_model,
    case when model_count = 1 then best_matches.provider else coalesce(names.provider, 'unknown') end as provider,
    case when model_count = 1 then best_matches.model else short_name end as model_id,
    coalesce(model_count, 0) <> 1 as is_unknown,
    case when model_count > 1 then 'ambiguous' else coalesce(best_matches.match_type, 'none') end as match_type
from names
left join best_matches
    on names.logged_provider = best_matches.logged_provider and names.logged_model = best_matches.logged_model;

create temp table price_book as
select
    provider,
    model as model_id,
    service_tier,
    component,
    cast(
        cast(price as decimal(24, 9)) * case
            when unit like 'per_million%' then 0.000001::decimal(7, 6)
            when unit like 'per_thousand%' then 0.001::decimal(7, 6)
            else 1::decimal(7, 6)
        end
        as decimal(18, 15)
    ) as usd,
    cast(effective_from as timestamp) as effective_from,
    coalesce(cast(effective_to as timestamp), timestamp '9999-12-31') as effective_to,
    coalesce(cast(min_input_tokens as bigint), 0)
    + cast(cast(coalesce(min_input_tokens, '0') as bigint) > 0 and threshold_operator = '>' as bigint) as tokens_from,
    coalesce(weekday * 1440, 0)
    + coalesce(cast(left(daily_from, 2) as integer) * 60 + cast(daily_from[4:5] as integer), 0) as minute_from,
    coalesce(
        weekday * 1440
        + coalesce(cast(left(daily_to, 2) as integer) * 60 + cast(daily_to[4:5] as integer), 1440),
        10080
    ) as minute_to
from read_csv(getvariable('seeds') || '/reference/price_book.csv', all_varchar = true)
left join (select unnest(range(7)) as weekday)
    on
        coalesce(daily_from, days_of_week) is not null
        and contains(coalesce(days_of_week, '1234567'), cast(weekday + 1 as varchar))
where currency = 'USD' and region is null;

create temp table model_names as
select provider, name, arg_min(model_id, (preference, model_id)) as model_id
from (
    select provider, key_of(model_id) as name, model_id, 1 as preference from price_book
    union all
    select provider, key_of(pattern), model, 2
    from read_csv(getvariable('seeds') || '/reference/model_aliases.csv', all_varchar = true)
    where match_type = 'exact'
)
group by all;

create temp table prices as
with cuts as (
    select provider, model_id, service_tier, effective_from as cut from price_book
    union
    select provider, model_id, service_tier, effective_to from price_book
),
ranges as (
    select *, lead(cut) over (partition by provider, model_id, service_tier order by cut) as valid_to from cuts
),
pivoted as (
    select
        provider,
        model_id,
        service_tier,
        ranges.cut as valid_from,
        ranges.valid_to,
        tokens_from,
        minute_from,
        minute_to,
        max(usd) filter (component = 'input') as input_usd,
        max(usd) filter (component = 'cache_read') as cache_read_usd,
        max(usd) filter (component = 'cache_write_5m') as cache_write_5m_usd,
        max(usd) filter (component = 'cache_write_1h') as cache_write_1h_usd,
        max(usd) filter (component = 'output') as output_usd,
        max(usd) filter (component = 'reasoning') as reasoning_usd,
        max(usd) filter (component = 'input_audio') as input_audio_usd,
        max(usd) filter (component = 'output_audio') as output_audio_usd,
        max(usd) filter (component = 'request') as request_usd,
        max(usd) filter (component = 'search_unit') as search_unit_usd,
        max(usd) filter (component = 'generated_image') as image_usd
    from ranges
    inner join price_book using (provider, model_id, service_tier)
    where ranges.cut >= effective_from and ranges.valid_to <= effective_to
    group by all
)
select
    provider,
    model_id,
    service_tier,
    valid_from,
    valid_to,
    tokens_from,
    coalesce(
        lead(tokens_from) over (
            partition by provider, model_id, service_tier, valid_from, minute_from order by tokens_from
        ),
        9223372036854775807
    ) as tokens_to,
    minute_from,
    minute_to,
    input_usd is not null as has_input,
    output_usd is not null as has_output,
    search_unit_usd is not null as has_search_unit,
    image_usd is not null as has_image,
    coalesce(input_usd, 0) as input_usd,
    coalesce(cache_read_usd, input_usd, 0) as cache_read_usd,
    coalesce(cache_write_5m_usd, input_usd, 0) as cache_write_5m_usd,
    coalesce(cache_write_1h_usd, cache_write_5m_usd, input_usd, 0) as cache_write_1h_usd,
    coalesce(output_usd, 0) as output_usd,
    coalesce(reasoning_usd, output_usd, 0) as reasoning_usd,
    coalesce(input_audio_usd, input_usd, 0) as input_audio_usd,
    coalesce(output_audio_usd, output_usd, 0) as output_audio_usd,
    coalesce(request_usd, 0) as request_usd,
    cast(coalesce(search_unit_usd, 0) as decimal(18, 9)) as search_unit_usd,
    coalesce(image_usd, 0) as image_usd
from pivoted;

----------------------------------------------------------------------------------------------------
-- The events, in one pass over the files.

create table usage_events as
with logged as (
    select
        request_id,
        session_id,
        nullif("user", '') as user_id,
        case
            when api_key = '' then null
            when api_key = 'litellm_proxy_master_key' or regexp_full_match(api_key, '[0-9a-f]{64}') then api_key
            when regexp_full_match(api_key, '[0-9a-fA-F]{64}') then lower(api_key)
            else sha256(api_key)
        end as api_key_id,
        coalesce(custom_llm_provider, '') as logged_provider,
        model as logged_model,
        model_group,
        team_id as gateway_team_id,
        request_tags,
        case
            when call_type in ('embedding', 'aembedding') then 'embeddings'
            when call_type in ('rerank', 'arerank') then 'rerank'
            when call_type in ('moderation', 'amoderation') then 'moderation'
            when call_type in ('image_generation', 'aimage_generation', 'image_edit', 'aimage_edit')
                then 'image_generation'
            when call_type in ('transcription', 'atranscription') then 'transcription'
            when call_type in ('speech', 'aspeech') then 'speech'
            when call_type = 'call_mcp_tool' then 'execute_tool'
            else 'chat'
        end as operation,
        coalesce(status, 'success') as status,
        coalesce(lower(cache_hit), '') = 'true' as is_gateway_cache_hit,
        prompt_tokens,
        completion_tokens,
        -- Up to 9 USD a double scaled by 10^15 is still exact; beyond, its text is.
        case
            when abs(spend) < 9 then cast(cast(spend as decimal(16, 15)) as decimal(38, 15))
            else cast(cast(spend as varchar) as decimal(38, 15))
        end as spend_usd,
        startTime as event_at,
        filename,
        file_row_number + 1 as line_number,
        from_json(metadata, '{
            "attempted_retries": "BIGINT", "attempted_fallbacks": "BIGINT",
            "error_information": {"error_class": "VARCHAR"},
            "user_api_key_alias": "VARCHAR",
            "user_api_key_team_alias": "VARCHAR", "user_api_key_project_alias": "VARCHAR",
            "model_map_information": {"model_map_key": "VARCHAR"},
            "cost_breakdown": {"service_tier": "VARCHAR"},
            "usage_object": {
                "service_tier": "VARCHAR", "output_image_count": "BIGINT", "search_units": "VARCHAR",
                "cache_read_input_tokens": "BIGINT", "cache_creation_input_tokens": "BIGINT",
                "prompt_tokens_details": {
                    "cached_tokens": "BIGINT", "cache_write_tokens": "BIGINT", "audio_tokens": "BIGINT",
                    "cache_creation_token_details": {"ephemeral_1h_input_tokens": "BIGINT"}
                },
                "completion_tokens_details": {"audio_tokens": "BIGINT", "reasoning_tokens": "BIGINT"}
            },
            "spend_logs_metadata": {
                "team": "VARCHAR", "feature": "VARCHAR", "project": "VARCHAR", "environment": "VARCHAR",
                "owner": "VARCHAR", "purpose": "VARCHAR", "eval_scope": "VARCHAR", "eval_suite": "VARCHAR", "eval_run": "VARCHAR"
            }
        }') as meta
    from read_parquet(
        getvariable('raw') || '/litellm/spend_logs/*.parquet', filename = true, file_row_number = true
    )
    where trim(request_id) <> ''
),
metered as (
    select
        * exclude (meta),
        meta.error_information.error_class as error_class,
        meta.user_api_key_alias as key_alias,
        meta.user_api_key_team_alias as team_alias,
        coalesce(meta.model_map_information.model_map_key, nullif(model_group, '')) as other_model_name,
        case
            when lower(coalesce(meta.cost_breakdown.service_tier, meta.usage_object.service_tier))
                in ('batch', 'flex', 'priority', 'fast')
                then lower(coalesce(meta.cost_breakdown.service_tier, meta.usage_object.service_tier))
            else 'standard'
        end as service_tier,
        nullif(trim(meta.spend_logs_metadata.team), '') as team_tag,
        nullif(trim(meta.spend_logs_metadata.feature), '') as feature_tag,
        nullif(trim(meta.spend_logs_metadata.project), '') as project_tag,
        key_of(meta.user_api_key_project_alias) as project_alias,
        nullif(trim(meta.spend_logs_metadata.environment), '') as environment_tag,
        nullif(trim(meta.spend_logs_metadata.owner), '') as owner_tag,
        key_of(meta.spend_logs_metadata.purpose) as purpose_tag,
        key_of(meta.spend_logs_metadata.eval_scope) as eval_scope_tag,
        nullif(trim(meta.spend_logs_metadata.eval_suite), '') as eval_suite_tag,
        nullif(trim(meta.spend_logs_metadata.eval_run), '') as eval_run_tag,
        coalesce(prompt_tokens, 0) as all_input,
        coalesce(completion_tokens, 0) as all_output,
        coalesce(
            meta.usage_object.cache_read_input_tokens, meta.usage_object.prompt_tokens_details.cached_tokens, 0
        ) as cache_read,
        coalesce(
            meta.usage_object.cache_creation_input_tokens,
            meta.usage_object.prompt_tokens_details.cache_write_tokens,
            0
        ) as cache_write,
        coalesce(
            meta.usage_object.prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens, 0
        ) as cache_write_1h,
        coalesce(meta.usage_object.completion_tokens_details.reasoning_tokens, 0) as reasoning,
        coalesce(meta.usage_object.prompt_tokens_details.audio_tokens, 0) as input_audio,
        coalesce(meta.usage_object.completion_tokens_details.audio_tokens, 0) as output_audio,
        coalesce(meta.usage_object.output_image_count, 0) as images,
        status = 'success' or spend_usd > 0 or completion_tokens > 0 as is_billed,
        try_cast(meta.usage_object.search_units as decimal(38, 15)) as logged_units,
        case
            when operation = 'rerank' and (status = 'success' or spend_usd > 0)
                then coalesce(try_cast(meta.usage_object.search_units as decimal(38, 15)), 1)
            else 0
        end as search_units,
        request_id like '%-attempt-%' or coalesce(meta.attempted_retries, 0) > 0 as is_retry,
        coalesce(meta.attempted_fallbacks, 0) > 0 as is_fallback
    from logged
),
-- Totals that are smaller than their parts don't include them.
split as (
    select
        * exclude (all_output),
        case
            when all_input >= cache_read + cache_write then all_input - cache_read - cache_write else all_input
        end as uncached_input_tokens,
        case when all_output >= reasoning then all_output else all_output + reasoning end as output_tokens,
        least(cache_write_1h, cache_write) as cache_write_1h_tokens,
        cache_write - cache_write_1h_tokens as cache_write_5m_tokens,
        uncached_input_tokens + cache_read + cache_write as input_tokens,
        least(input_audio, uncached_input_tokens) as input_audio_tokens,
        least(output_audio, output_tokens - reasoning) as output_audio_tokens,
        event_at is not null
        and search_units >= 0
        and least(
            all_input, metered.all_output, cache_read, cache_write, cache_write_1h, reasoning, input_audio,
            output_audio, images
        ) >= 0 as is_valid
    from metered
),
owned as (
    select
        split.*,
        files.load_id,
        case when split.team_tag is null then tag_lists.team_id else own_teams.team_id end as tagged_team_id,
        case when split.feature_tag is null then tag_lists.feature_team_id else own_features.team_id end
            as feature_team_id,
        case
            when split.feature_tag is null then coalesce(tag_lists.feature_id, tag_lists.feature_key)
            else coalesce(own_features.feature_id, key_of(split.feature_tag))
        end as feature_id,
        case
            when split.feature_tag is null then tag_lists.feature_project else own_features.project
        end as feature_project,
        coalesce(key_of(split.project_tag), tag_lists.project, split.project_alias) as own_project,
        coalesce(named_environment(split.environment_tag), tag_lists.environment) as environment,
        coalesce(split.purpose_tag, tag_lists.purpose) as purpose,
        coalesce(split.eval_scope_tag, tag_lists.eval_scope) as eval_scope,
        coalesce(split.eval_suite_tag, tag_lists.eval_suite) as eval_suite,
        coalesce(split.eval_run_tag, tag_lists.eval_run) as eval_run,
        split.owner_tag is not null or tag_lists.owner is not null as has_owner,
        split.team_tag is not null or coalesce(tag_lists.has_team, false) as has_team,
        coalesce(key_of(split.team_tag), tag_lists.team_key) as team_key,
        case
            when split.feature_tag is null then tag_lists.feature_id else own_features.feature_id
        end is not null as has_valid_feature,
        coalesce(key_owners.team_id, key_teams.team_id) as key_team_id,
        user_teams.team_id as user_team_id,
        case when tools.api_key is not null then (select team_id from platform) end as tool_team_id,
        case when models.is_unknown then coalesce(other_names.provider, models.provider) else models.provider end
            as provider,
        case when models.is_unknown then coalesce(other_names.model_id, models.model_id) else models.model_id end
            as model_id,
        case when other_names.model_id is not null then 'alternative' else models.match_type end as match_type
    from split
    inner join files on split.filename = files.file
    -- In a where clause, DuckDB would parse the JSON once more for every count that is compared.
    inner join models
        on
            split.logged_provider = models.logged_provider
            and case when split.is_valid then split.logged_model end = models.logged_model
    left join model_names as other_names
        on
            case when models.is_unknown then models.provider end = other_names.provider
            and case when models.is_unknown then key_of(split.other_model_name) end = other_names.name
    left join tag_lists on split.request_tags = tag_lists.request_tags
    left join team_names as own_teams on key_of(split.team_tag) = own_teams.name
    left join feature_names as own_features on key_of(split.feature_tag) = own_features.name
    left join key_owners
        on
            split.api_key_id = key_owners.api_key
            and split.event_at >= key_owners.valid_from
            and split.event_at < key_owners.valid_to
    left join team_names as key_teams
        on
            case
                when key_owners.team_id is null
                    then key_of(coalesce(split.team_alias, nullif(split.gateway_team_id, '')))
            end = key_teams.name
    left join user_teams
        on
            split.user_id = user_teams.user_id
            and split.event_at >= user_teams.valid_from
            and split.event_at < user_teams.valid_to
    left join tools on key_of(split.api_key_id) = tools.api_key
),
rated as (
    select
        owned.*,
        case
            when
                operation = 'execute_tool' and search_units = 0 and uncached_input_tokens = 0
                then 'no_usage'
            when not is_billed then 'not_billed'
            when input_tokens + output_tokens + images = 0 and search_units = 0 then 'no_usage'
        end as exemption,
        prices.provider is not null
        and (input_tokens = 0 or has_input)
        and (output_tokens = 0 or has_output)
        and (images = 0 or has_image)
        and (search_units = 0 or has_search_unit) as has_price,
        cast(
            request_usd
            + (uncached_input_tokens - input_audio_tokens) * input_usd
            + input_audio_tokens * input_audio_usd
            + cache_read * cache_read_usd
            + cache_write_5m_tokens * cache_write_5m_usd
            + cache_write_1h_tokens * cache_write_1h_usd
            + (output_tokens - output_audio_tokens - reasoning) * output_usd
            + output_audio_tokens * output_audio_usd
            + reasoning * reasoning_usd
            + images * image_usd
            + cast(search_units as decimal(18, 6)) * search_unit_usd
            as decimal(38, 15)
        ) as full_cost_usd,
        case
            when cache_read + cache_write > 0
                then cast(
                    cache_read * (input_usd - cache_read_usd)
                    + cache_write_5m_tokens * (input_usd - cache_write_5m_usd)
                    + cache_write_1h_tokens * (input_usd - cache_write_1h_usd)
                    as decimal(38, 15)
                )
        end as full_saving_usd,
        case
            when cache_write > 0
                then cast(
                    cache_write_5m_tokens * cache_write_5m_usd + cache_write_1h_tokens * cache_write_1h_usd
                    as decimal(38, 15)
                )
        end as full_write_cost_usd
    from owned
    left join prices
        on
            owned.provider = prices.provider
            and owned.model_id = prices.model_id
            and owned.service_tier = prices.service_tier
            and owned.event_at >= prices.valid_from
            and owned.event_at < prices.valid_to
            and owned.input_tokens >= prices.tokens_from
            and owned.input_tokens < prices.tokens_to
            and (isodow(owned.event_at) - 1) * 1440 + hour(owned.event_at) * 60 + minute(owned.event_at)
            >= prices.minute_from
            and (isodow(owned.event_at) - 1) * 1440 + hour(owned.event_at) * 60 + minute(owned.event_at)
            < prices.minute_to
)
select
    cast(
        case
            when length(request_id) >= 16 then md5('=response' || chr(31) || '=' || escaped(request_id))
            else md5('=litellm' || chr(31) || '=' || escaped(request_id))
        end as uuid
    ) as event_id,
    case when session_id <> '' then cast(md5('=' || escaped(session_id)) as uuid) end as trace_key,
    coalesce(tagged_team_id, feature_team_id, key_team_id, user_team_id, tool_team_id, 'unallocated') as team_id,
    feature_id,
    coalesce(feature_project, own_project) as project,
    user_id,
    api_key_id,
    'litellm' as source_name,
    provider,
    model_id,
    match_type,
    service_tier,
    operation,
    case
        when purpose in ('eval', 'evaluation', 'evals') then 'eval_run'
        when operation = 'embeddings' then 'embedding_call'
        when operation = 'rerank' then 'retrieval_call'
        when operation = 'execute_tool' then 'tool_call'
        else 'chat_call'
    end as action_class,
    case when status = 'failure' then 'failure' else 'success' end as status,
    error_class,
    environment,
    purpose,
    eval_scope,
    eval_suite,
    eval_run,
    case
        when tagged_team_id is not null then 'team_tag'
        when feature_team_id is not null then 'feature_tag'
        when key_team_id is not null then 'api_key'
        when user_team_id is not null then 'user'
        when tool_team_id is not null then 'internal_tooling'
        else 'none'
    end as attribution_method,
    case
        when tagged_team_id is not null then 'team_tag'
        when feature_team_id is not null then 'feature_tag'
        when key_team_id is not null then 'api_key'
        when user_team_id is not null then 'user'
        when tool_team_id is not null then 'internal_tooling'
    end as ownership_rule_id,
    case
        when coalesce(tagged_team_id, feature_team_id, key_team_id, user_team_id, tool_team_id) is not null then null
        when team_key is not null then 'team_tag'
        when feature_id is not null then 'feature_tag'
        when api_key_id is not null then 'api_key'
        when key_of(user_id) is not null then 'user'
        else 'source'
    end as attribution_fix,
    case attribution_fix
        when 'team_tag' then team_key
        when 'feature_tag' then feature_id
        when 'api_key' then coalesce(key_of(key_alias), api_key_id)
        when 'user' then user_id
        when 'source' then 'litellm'
    end as attribution_fix_value,
    case
        when logged_units is null and search_units > 0 then 'estimated'
        when
            prompt_tokens is null and completion_tokens is null
            and operation in ('chat', 'embeddings', 'moderation') and status = 'success'
            then 'missing'
        else 'reported'
    end as usage_source,
    case
        when exemption is not null then exemption
        when is_gateway_cache_hit then 'gateway_cache_hit'
        when has_price then 'priced'
        else 'unpriced'
    end as pricing_status,
    case when own_project is null then 'M' else 'V' end
    || case
        when environment is null then 'M'
        when environment in ('prod', 'staging', 'dev', 'test') then 'V'
        else 'I'
    end
    || case when has_owner then 'V' else 'M' end
    || case when not has_team then 'M' when tagged_team_id is not null then 'V' else 'I' end
    || case when feature_id is null then 'M' when has_valid_feature then 'V' else 'I' end as tag_status,
    cast(case
        when tagged_team_id is not null then 1
        when feature_team_id is not null then 2
        when key_team_id is not null then 3
        when user_team_id is not null then 4
        when tool_team_id is not null then 5
        else 9
    end as tinyint) as attribution_rank,
    uncached_input_tokens,
    cache_read as cache_read_tokens,
    cache_write_5m_tokens,
    cache_write_1h_tokens,
    output_tokens,
    reasoning as reasoning_tokens,
    input_audio_tokens,
    output_audio_tokens,
    images as output_images,
    cast(search_units as decimal(18, 6)) as search_units,
    cast(case
        when exemption is not null or is_gateway_cache_hit then 0
        when has_price then full_cost_usd
    end as decimal(38, 15)) as list_cost_usd,
    cast(case
        when exemption is null and is_gateway_cache_hit and has_price then full_cost_usd
        else 0
    end as decimal(38, 15)) as avoided_cost_usd,
    case when exemption is null and not is_gateway_cache_hit and has_price then full_saving_usd end
        as cache_saving_usd,
    case when exemption is null and not is_gateway_cache_hit and has_price then full_write_cost_usd end
        as cache_write_cost_usd,
    spend_usd as reported_cost_usd,
    is_gateway_cache_hit,
    is_retry,
    is_fallback,
    cast(event_at as date) as event_date,
    event_at,
    load_id,
    line_number,
    load_id as last_load_id
from rated;

-- One call logged several times: the first record stays and takes from the others what it lacks.
create temp table repeats as
select * from usage_events
where event_id in (
    select unnest([
        cast(md5('=response' || chr(31) || '=' || escaped(request_id)) as uuid),
        cast(md5('=litellm' || chr(31) || '=' || escaped(request_id)) as uuid)
    ])
    from read_parquet(getvariable('raw') || '/litellm/spend_logs/*.parquet')
    where hash(request_id) in (from repeated_ids)
);

delete from usage_events where event_id in (select event_id from repeats);

insert into usage_events
with ranked as (
    select
        *,
        row_number() over (
            partition by event_id order by usage_source = 'missing', load_id, line_number
        ) as place
    from repeats
),
merged as (
    select
        event_id,
        arg_min(trace_key, place) as trace_key,
        arg_min(team_id, (attribution_rank, place)) as team_id,
        arg_min(feature_id, place) as feature_id,
        arg_min(project, place) as project,
        arg_min(user_id, place) as user_id,
        arg_min(api_key_id, place) as api_key_id,
        arg_min(environment, place) as environment,
        arg_min(purpose, place) as purpose,
        arg_min(eval_scope, place) as eval_scope,
        arg_min(eval_suite, place) as eval_suite,
        arg_min(eval_run, place) as eval_run,
        arg_min(attribution_method, (attribution_rank, place)) as attribution_method,
        arg_min_null(ownership_rule_id, (attribution_rank, place)) as ownership_rule_id,
        arg_min_null(attribution_fix, (attribution_rank, place)) as attribution_fix,
        arg_min_null(attribution_fix_value, (attribution_rank, place)) as attribution_fix_value,
        -- V beats I beats M; in the alphabet it is V, M, I.
        translate(
            max(translate(tag_status[1], 'IM', 'MI')) || max(translate(tag_status[2], 'IM', 'MI'))
            || max(translate(tag_status[3], 'IM', 'MI')) || max(translate(tag_status[4], 'IM', 'MI'))
            || max(translate(tag_status[5], 'IM', 'MI')),
            'IM', 'MI'
        ) as tag_status,
        min(attribution_rank) as attribution_rank,
        max(load_id) as last_load_id
    from ranked
    group by event_id
)
select ranked.* exclude (place) replace (
    merged.trace_key as trace_key,
    merged.team_id as team_id,
    merged.feature_id as feature_id,
    merged.project as project,
    merged.user_id as user_id,
    merged.api_key_id as api_key_id,
    merged.environment as environment,
    merged.purpose as purpose,
    merged.eval_scope as eval_scope,
    merged.eval_suite as eval_suite,
    merged.eval_run as eval_run,
    merged.attribution_method as attribution_method,
    merged.ownership_rule_id as ownership_rule_id,
    merged.attribution_fix as attribution_fix,
    merged.attribution_fix_value as attribution_fix_value,
    merged.tag_status as tag_status,
    merged.attribution_rank as attribution_rank,
    merged.last_load_id as last_load_id
)
from ranked
inner join merged on ranked.event_id = merged.event_id
where ranked.place = 1;

create view fct_usage_events as
select
    * exclude (attribution_rank) replace (
        coalesce(feature_id, 'unknown') as feature_id,
        coalesce(project, 'unknown') as project,
        coalesce(environment, 'unknown') as environment,
        coalesce(purpose, 'production') as purpose
    ),
    uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens as input_tokens,
    cast(1 as bigint) as request_count,
    trace_key as session_key,
    -- What the sample's gateway never has, and what is agreed with nobody.
    list_cost_usd as negotiated_cost_usd,
    0 as citation_tokens,
    0 as cache_read_audio_tokens,
    0 as input_image_tokens,
    0 as output_image_tokens,
    0 as cache_read_image_tokens,
    0 as input_video_tokens,
    0 as output_video_tokens,
    0 as web_searches,
    0 as file_searches,
    0 as map_searches,
    0 as input_images,
    0 as speech_characters,
    0 as text_messages,
    0 as document_pages,
    0 as annotated_pages,
    0 as read_units,
    0 as write_units,
    0 as storage_gb_months,
    0 as egress_bytes,
    0 as audio_seconds,
    null as price_region,
    null as pricing_currency,
    null as pricing_currency_list_cost,
    null as pricing_currency_negotiated_cost,
    null as free_allowance,
    null as free_allowance_quantity,
    null as free_allowance_cost_usd
from usage_events;

----------------------------------------------------------------------------------------------------

create table fct_team_daily_costs as
select
    event_date,
    team_id,
    feature_id,
    project,
    environment,
    purpose,
    provider,
    model_id,
    service_tier,
    action_class,
    attribution_method,
    count(*) as event_count,
    count(*) filter (status = 'failure') as failed_event_count,
    count(*) filter (is_gateway_cache_hit) as gateway_cache_hit_count,
    count(*) filter (pricing_status = 'unpriced') as unpriced_event_count,
    count(*) filter (usage_source <> 'reported') as estimated_event_count,
    cast(sum(input_tokens) as bigint) as input_tokens,
    cast(sum(cache_read_tokens) as bigint) as cache_read_tokens,
    cast(sum(cache_write_5m_tokens + cache_write_1h_tokens) as bigint) as cache_write_tokens,
    cast(sum(output_tokens) as bigint) as output_tokens,
    cast(coalesce(sum(input_tokens + output_tokens) filter (pricing_status = 'unpriced'), 0) as bigint)
        as unpriced_tokens,
    coalesce(sum(list_cost_usd), 0) as list_cost_usd,
    0 as negotiated_discount_usd,
    0 as free_allowance_usd,
    0 as volume_discount_usd,
    coalesce(sum(list_cost_usd), 0) as contracted_cost_usd,
    coalesce(sum(list_cost_usd) filter (usage_source <> 'reported'), 0) as estimated_cost_usd,
    coalesce(sum(list_cost_usd) filter (status = 'failure'), 0) as failed_cost_usd,
    sum(avoided_cost_usd) as avoided_cost_usd,
    coalesce(sum(reported_cost_usd), 0) as reported_cost_usd,
    max(last_load_id) as last_load_id
from fct_usage_events
group by all;
