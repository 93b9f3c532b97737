"""SQL that takes the rows out of pages of a provider's report: `data`, and in it `results`."""

from __future__ import annotations

import json

from chargeback.load.privacy import literal
from chargeback.load.shape import clean_line, is_text

_TIMES = ("start_time", "end_time", "starting_at", "ending_at")
"""Columns of a bucket that each of its results inherits."""
_PAGE = {"data": ["JSON"]}
_BUCKET = dict.fromkeys(_TIMES, "JSON") | {"results": ["JSON"], "result": ["JSON"]}


def unfold(source: str) -> str:
    """SQL over `source` (line_number, line): a row per result, with its bucket's times.

    What is no page is taken as a bucket, and what is no bucket as a result, so that files of
    either are read too; a bucket without results has no row.
    """
    page = literal(json.dumps(_PAGE))
    bucket = literal(json.dumps(_BUCKET))
    times = ", ".join(f"'{name}', bucket.{name}" for name in _TIMES)
    # A number of many digits would go through a float.
    number = literal(r'("value"\s*:\s*)(-?[0-9][0-9.eE+-]*)')
    exact = f"regexp_replace({clean_line()}, {number}, '\\1\"\\2\"', 'g')"
    return f"""
        select line_number,
            case when is_result and starts_with(row_text, '{{') and json_valid(row_text)
                then json_merge_patch('{{}}', json_object({times}), row_text::json)::varchar
                else row_text end as line
        from (
            select line_number, page_position, bucket, results is not null as is_result,
                unnest(coalesce(results, [bucket_text])) as row_text,
                generate_subscripts(coalesce(results, [bucket_text]), 1) as row_position
            from (
                select line_number, page_position, bucket_text, bucket,
                    coalesce(bucket.results, bucket.result)::varchar[] as results
                from (
                    select line_number, page_position, bucket_text,
                        try(from_json(bucket_text, {bucket})) as bucket
                    from (
                        select line_number,
                            unnest(coalesce(buckets, [line])) as bucket_text,
                            generate_subscripts(coalesce(buckets, [line]), 1) as page_position
                        from (
                            select line_number, line,
                                try(from_json(line, {page})).data::varchar[] as buckets
                            from (
                                select line_number, {exact} as line from {source} where {is_text()}
                            )
                        )
                    )
                )
            )
        )
        order by line_number, page_position, row_position
    """
