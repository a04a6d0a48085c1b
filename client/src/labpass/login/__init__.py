"""The sign-in flows: browser, remote browser, user name and password.

Refuses storage and terminal wording.
"""
