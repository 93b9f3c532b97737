-- Each row is an example of the seed `ownership_examples` that gets another owner than it says.
select
    example,
    expected_team_id,
    team_id,
    expected_rule_id,
    ownership_rule_id
from {{ ref('int_ownership_examples_attributed') }}
where not is_as_expected
