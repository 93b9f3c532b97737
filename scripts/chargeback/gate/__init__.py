"""`chargeback gate`: Great Expectations on the marts, the money at stake and who can fix it."""
