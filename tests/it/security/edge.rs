//! What connections, proxies and web pages may do to the server.
