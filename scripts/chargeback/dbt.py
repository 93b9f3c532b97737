"""Runs dbt as a subprocess and shows progress instead of its log."""
