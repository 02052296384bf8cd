"""How faithful the fake is: recordings of the real service, asked again of the fake, request by request."""
