"""Words that rules go by before they look closer: light, so that a tree without them costs nothing."""

TELLING = ("pass", "pw", "secret", "token", "key", "auth", "cred")
"""Every key that can name a credential holds one of them, in whatever case."""

MARKS = tuple(form for word in TELLING for form in (word, word.capitalize(), word.upper()))
"""What stands in a text that has such a key, as people write keys."""
