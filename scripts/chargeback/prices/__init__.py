"""The price book: made from genai-prices and curated rows, merged with its history, checked."""
