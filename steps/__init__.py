pytest_plugins = ()
