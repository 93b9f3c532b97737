"""The made-up company Larkfield and its logs, written in the formats of the real sources."""
