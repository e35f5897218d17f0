"""Signing in: how a person becomes a session in a browser, and what a session is.

sealing.py     what a cookie's secret opens: the row's name, the seal on its tokens, the CSRF token
sessions.py    the rows: found, renewed, ended, swept; streams that outlive them are ended
cookies.py     the session's cookie, and that of one attempt to sign in
discovery.py   what an OIDC provider says of itself
provider.py    the authorisation code with PKCE, and refreshing
http.py        the routes: /sign-in/… and /v1/session
"""
