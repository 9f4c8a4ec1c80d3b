"""The IntentProcessor: turns an intent into an approved order, or into a refusal with its reason."""
