"""The house rules as pure functions over source text: each takes a `Source` and yields its offences."""
