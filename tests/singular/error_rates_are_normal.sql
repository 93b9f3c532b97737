{{ config(severity='warn') }}

-- Teams, features and models of which too many calls failed in the last days of the logs
-- (`vars: error_alert_rate`, `error_alert_min_events`, `error_alert_days`).
select
    rates.event_date,
    rates.team_id,
    rates.feature_id,
    rates.provider,
    rates.model_id,
    rates.event_count,
    rates.failed_event_count,
    rates.failure_rate
from {{ ref('fct_error_rates') }} as rates
where
    rates.is_alert
    and rates.event_date > (
        select
            cast(
                {{ dbt.dateadd('day', -var('error_alert_days'), 'max(newest.event_date)') }}
                as date
            )
        from {{ ref('int_usage_event_days') }} as newest
    )
