"""A question in, an answer with exact citations out."""
