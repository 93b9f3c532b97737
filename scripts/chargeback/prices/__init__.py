"""The price book: made from the genai-prices package and curated rows, merged with its history, checked."""
