"""The IntentProcessor: references become prices, sizes become quantities, and what may not be is refused."""
