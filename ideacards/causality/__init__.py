"""The prefix-stability run: does any value that was known at a bar change when later bars come?"""
