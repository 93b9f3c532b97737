"""A project with a small hand-made warehouse: the marts as dbt builds them, with known numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from chargeback.project import Project

ROOT = Path(__file__).resolve().parents[3]

# The file and its schema have the same name, as in the shipped profile.
PROFILE = """
small:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: warehouse/chargeback.duckdb
      schema: chargeback
"""

TABLES = """
create schema raw;
create schema chargeback;
create schema chargeback_seeds;
create schema chargeback_staging;
create schema chargeback_intermediate;
use chargeback.chargeback;

create table chargeback.chargeback_seeds.tag_requirements
    (tag text, coverage_target numeric(5, 4), severity text);
insert into chargeback.chargeback_seeds.tag_requirements
    values ('team', 0.75, 'critical'), ('feature', 0.5, 'warning');

create table chargeback.raw.loads
    (load_id bigint, source text, table_name text, row_count bigint, rejected_count bigint);
insert into chargeback.raw.loads values
    (1, 'litellm', 'litellm_spend_logs', 103, 1), (2, 'otel', 'otel_spans', 12, 0);
create view chargeback.chargeback_staging.stg_loads__loads as
select load_id, source as source_name, table_name, row_count, rejected_count
from chargeback.raw.loads;
create table chargeback.raw.rejects
    (load_id bigint, source text, reason_code text, file_name text);
insert into chargeback.raw.rejects values (1, 'litellm', 'bad_json', 'day-1.jsonl');

create table dim_teams
    (team_id text, team_name text, owner text, team_source text, is_platform boolean);
insert into dim_teams values
    ('search', 'Search', 'sam@example.com', 'company', false),
    ('support', 'Support', 'sue@example.com', 'company', false),
    ('platform', 'Platform', 'pat@example.com', 'company', true),
    ('unallocated', 'Unallocated', null, 'built-in', false);

create table dim_features (feature_id text, feature_name text, is_registered boolean);
insert into dim_features values ('answers', 'Answers', true), ('ranking', 'Ranking', true);

create table fct_usage_events (
    event_id uuid, event_date date, event_at timestamp, source_name text, provider text,
    model_id text, service_tier text, status text, team_id text, feature_id text, user_id text,
    api_key_id text, pricing_status text, usage_source text, uncached_input_tokens bigint,
    cache_read_tokens bigint, cache_write_5m_tokens bigint, cache_write_1h_tokens bigint,
    output_tokens bigint, list_cost_usd numeric(38, 15), reported_cost_usd numeric(38, 15),
    load_id bigint, line_number bigint
);
-- 100 gateway events of two teams, one cent each, over ten days, and 10 traced ones.
insert into fct_usage_events
select
    uuid(), date '2026-06-01' + cast(n % 10 as integer),
    timestamp '2026-06-01 12:00:00' + to_days(cast(n % 10 as integer)),
    case when n < 100 then 'litellm' else 'otel' end, 'openai', 'gpt-5', 'standard', 'success',
    case when n % 2 = 0 then 'search' else 'support' end,
    case when n % 2 = 0 then 'ranking' else 'answers' end,
    null, 'key-' || (n % 4), 'priced', 'reported', 80, 10, 5, 5, 20, 0.01, 0.01,
    case when n < 100 then 1 else 2 end, n
from range(110) as numbers(n);

create table fct_tag_coverage (
    event_date date, source_name text, api_key_id text, user_id text, team_id text, tag text,
    event_count bigint, missing_event_count bigint, invalid_event_count bigint,
    cost_usd numeric(38, 15), missing_cost_usd numeric(38, 15), invalid_cost_usd numeric(38, 15)
);
create table fct_row_accounts (
    source_name text, table_name text, row_count bigint, load_reject_count bigint,
    event_count bigint, duplicate_count bigint, rejected_count bigint, other_row_count bigint,
    difference_count bigint
);
insert into fct_row_accounts values
    ('litellm', 'litellm_spend_logs', 103, 1, 100, 2, 0, 0, 0),
    ('otel', 'otel_spans', 12, 0, 10, 0, 0, 2, 0);
create table fct_rejected_events
    (source_name text, reject_reason text, load_id bigint, line_number bigint);
create table fct_duplicate_events (source_name text, load_id bigint, line_number bigint);

-- What is called what, and what has a price.
create table chargeback.chargeback_intermediate.int_models_resolved
    (provider_name text, model_name text, provider text, model_id text, match_type text,
    candidate_model text, other_candidate_model text);
insert into chargeback.chargeback_intermediate.int_models_resolved values
    ('openai', 'gpt-5', 'openai', 'gpt-5', 'exact', null, null),
    ('', 'our-deployment', 'azure', 'gpt-5', 'deployment', null, null),
    ('openai', 'house-llm', 'openai', 'house-llm', 'none', null, null);
create table chargeback.chargeback_intermediate.int_model_names
    (provider text, model_name text, model_id text);
insert into chargeback.chargeback_intermediate.int_model_names values
    ('openai', 'gpt-5', 'gpt-5'), ('openai', 'gpt-5-latest', 'gpt-5'),
    ('openai', 'gpt-5-mini', 'gpt-5-mini');
create table chargeback.chargeback_intermediate.int_prices_pivoted
    (provider text, model_id text, service_tier text);
insert into chargeback.chargeback_intermediate.int_prices_pivoted values
    ('openai', 'gpt-5', 'standard'), ('openai', 'gpt-5', 'flex'),
    ('openai', 'gpt-5-mini', 'standard'), ('azure', 'gpt-5', 'standard');

-- The traced events, each under an agent that repeats its tokens, and one span without tokens.
create table chargeback.chargeback_intermediate.int_otel_spans_inherited (
    trace_id text, operation text, scope_name text, input_tokens bigint, output_tokens bigint,
    started_at timestamp, ended_at timestamp, load_id bigint, line_number bigint
);
insert into chargeback.chargeback_intermediate.int_otel_spans_inherited
select
    'trace-' || line_number, 'chat', 'sdk', 100, 20, event_at, event_at + interval 1 second,
    load_id, line_number
from fct_usage_events where source_name = 'otel'
union all
select
    'trace-' || line_number, 'invoke_agent', 'framework', 100, 20, event_at - interval 1 second,
    event_at + interval 2 second, load_id, line_number + 1000
from fct_usage_events where source_name = 'otel'
union all
select 'trace-0', null, 'http', null, null, timestamp '2026-06-01', null, 2, 5000;
"""

ROLLUPS = """
use chargeback.chargeback;
create or replace table fct_team_daily_costs as
select
    event_date, team_id, feature_id, model_id, count(*) as event_count,
    sum(case when pricing_status = 'unpriced' then 1 else 0 end) as unpriced_event_count,
    sum(case when usage_source <> 'reported' then 1 else 0 end) as estimated_event_count,
    sum(uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens)
        as input_tokens,
    sum(output_tokens) as output_tokens,
    cast(sum(coalesce(list_cost_usd, 0)) as numeric(38, 15)) as list_cost_usd,
    cast(sum(coalesce(list_cost_usd, 0)) as numeric(38, 15)) as contracted_cost_usd,
    cast(
        sum(case when usage_source <> 'reported' then coalesce(list_cost_usd, 0) else 0 end)
        as numeric(38, 15)
    ) as estimated_cost_usd
from fct_usage_events group by all;
create or replace table fct_feature_daily_costs as
select event_date, feature_id, team_id, sum(event_count) as event_count,
    cast(sum(list_cost_usd) as numeric(38, 15)) as list_cost_usd
from fct_team_daily_costs group by all;
delete from fct_tag_coverage;
insert into fct_tag_coverage
select event_date, source_name, api_key_id, 'none', team_id, tag, count(*), 0, 0,
    sum(coalesce(list_cost_usd, 0)), 0, 0
from fct_usage_events, (values ('team'), ('feature')) as tags(tag) group by all;
"""

Change = Callable[..., None]


@pytest.fixture
def project(tmp_path: Path, clean_env: pytest.MonkeyPatch) -> Project:
    """A project whose warehouse passes every check; the newest event is of 2026-06-10 12:00."""
    (tmp_path / "dbt_project.yml").write_text("name: small\nprofile: small\n", encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(PROFILE, encoding="utf-8")
    # As shipped, but for teams as small as these.
    limits = (ROOT / "quality_gate.yml").read_text(encoding="utf-8")
    small = limits.replace("min_events: 100", "min_events: 10")
    (tmp_path / "quality_gate.yml").write_text(small, encoding="utf-8")
    (tmp_path / "warehouse").mkdir()
    with duckdb.connect(str(tmp_path / "warehouse" / "chargeback.duckdb")) as connection:
        connection.execute(TABLES)
        connection.execute(ROLLUPS)
    clean_env.chdir(tmp_path)
    return Project.find()


@pytest.fixture
def change(project: Project) -> Change:
    """Runs SQL on the warehouse; `rollup` computes the daily marts from the events again."""

    def run(sql: str, rollup: bool = False) -> None:
        with duckdb.connect(str(project.duckdb_path)) as connection:
            connection.execute("use chargeback.chargeback")
            connection.execute(sql)
            if rollup:
                connection.execute(ROLLUPS)

    return run
