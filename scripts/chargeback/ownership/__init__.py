"""Ownership: the rules, their examples, and why an event is whose it is."""
