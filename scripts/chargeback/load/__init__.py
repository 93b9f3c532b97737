"""Load log files of each source into the raw tables, once each."""
