"""The stream: how shared events leave a service and how they arrive, once and in order whatever the broker loses."""
