"""The card language: an IdeaCard (YAML) and the bars it reads become Intents.

Nothing here knows of actors, orders or an exchange; numbers are float64 columns and decimal text.
"""
