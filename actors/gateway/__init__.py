"""The gateway takes commands and queries; no other actor sends requests to the venue."""
