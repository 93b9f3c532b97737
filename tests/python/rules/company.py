"""A small company, as the seeds that replace the shipped ones."""

from __future__ import annotations

# Seed file -> its rows. Times are UTC; ranges are half-open.
SEEDS = {
    "teams.csv": """\
team_id,team_name,department,cost_center,owner,mode,is_platform,valid_from,valid_to
platform,Platform,Engineering,CC-1,paula@acme.example,,true,2020-01-01,
alpha,Alpha,Engineering,CC-2,ana@acme.example,,false,2020-01-01,
beta,Beta,Support,CC-3,ben@acme.example,,false,2020-01-01,
gamma,Gamma,Sales,CC-4,gil@acme.example,,false,2020-01-01,
retired,Retired,Sales,CC-5,rita@acme.example,,false,2020-01-01,2026-06-01
""",
    "team_aliases.csv": """\
alias,team_id
Alpha Squad,alpha
b-team,beta
""",
    "features.csv": """\
feature_id,feature_name,team_id,project,product,valid_from,valid_to
alpha-search,Alpha search,alpha,search,Shop,,
beta-bot,Beta bot,beta,bot,Help,,
gamma-mail,Gamma mail,gamma,mail,Sales,,
retired-tool,Retired tool,retired,mail,Sales,,
outcome-trace,By trace,beta,bot,Help,,
outcome-shared,Shared trace,beta,bot,Help,,
outcome-merged,Gateway and trace,beta,bot,Help,,
outcome-day,By day,gamma,mail,Sales,,
outcome-mixed,Trace and day,gamma,mail,Sales,,
outcome-idle,No cost,gamma,mail,Sales,,
outcome-zero,Zero quantity,gamma,mail,Sales,,
outcome-lost,Unknown trace,gamma,mail,Sales,,
outcome-late,Late parts,gamma,mail,Sales,,
outcome-overnight,Day before,gamma,mail,Sales,,
outcome-six,Six shares,gamma,mail,Sales,,
outcome-names,Names,beta,bot,Help,,
outcome-teamless,No team,gamma,mail,Sales,,
outcome-none,No outcomes,gamma,mail,Sales,,
""",
    "feature_aliases.csv": """\
alias,feature_id
Search Box,alpha-search
Outcome Names,outcome-names
""",
    "ownership_rules.csv": """\
rule_id,priority,match_on,pattern,assign_to,valid_from,valid_to,comment
rules-blocked,1,api_key,rules-blocked*,unallocated,,,Nobody pays
rules-before-tags,5,service,rules-first,Gamma,,,Before the team tag; a team by its name
rules-customer,25,tag:customer,acme*,beta,,,
rules-both,45,service,rules-*-job,b-team,2026-06-15 12:00:00,2026-07-01 00:00:00,Both lines
rules-both,45,environment,production,b-team,2026-06-15 12:00:00,2026-07-01 00:00:00,
rules-closed,46,service,rules-closed,retired,,,A team that closes
rules-after-all,80,service,rules-*,platform,,,What is left
""",
    "ownership_examples.csv": """\
example,event_at,source,operation,provider,model,team_tag,feature_tag,project_tag,environment,owner_tag,purpose,\
eval_scope,api_key_id,api_key_alias,user_id,service,tags,ancestor_team,trace_team,expected_team,expected_rule,comment
tag of a customer,2026-03-01 00:00:00,litellm,chat,,,,,,,,,,,,,,customer:ACME Inc;tier:gold,,,\
beta,rules-customer,
both lines,2026-06-20 00:00:00,otel,chat,,,,,,prod,,,,,,,rules-nightly-job,,,,beta,,
too early,2026-06-01 00:00:00,otel,chat,,,,,,prod,,,,,,,rules-nightly-job,,,,platform,\
rules-after-all,
""",
    "provider_accounts.csv": """\
provider,account_id,billed_by,team_id,valid_from,valid_to
openai,key_export,export,,,
openai,proj_alpha,,alpha,,
anthropic,wrkspc_gateway,gateway,beta,,
""",
    "model_deployments.csv": """\
deployment,provider,model
azure/our-gpt4o,azure,gpt-4o
pinecone,pinecone,serverless
""",
    "tag_requirements.csv": """\
tag,coverage_target,severity
team,0.5,warning
feature,0.5,warning
project,0.5,warning
environment,0.5,warning
owner,0.5,warning
""",
    # A type that is listed twice: refused by the seed's test, and counted once without it.
    "outcome_types.csv": """\
outcome_type,outcome_name,value_usd
ticket_resolved,Ticket resolved,6.50
Ticket_Resolved,Ticket resolved,7.00
onboarding,Onboarding,
""",
}
