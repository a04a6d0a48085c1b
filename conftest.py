"""Import our package before pytest makes one of that name, from the path of `testbed/tests`."""

import testbed  # noqa: F401 - for the effect alone
