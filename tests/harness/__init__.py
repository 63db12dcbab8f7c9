"""What the black-box tests share: a server on a folder of its own, and a plain HTTP client."""
