"""`chargeback bench`: how long a load and a build take, beside one hand-written DuckDB script."""
