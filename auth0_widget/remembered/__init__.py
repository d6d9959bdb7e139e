"""A login that this machine remembers, if somebody asks for it: ``remember="machine"``.

It is for terminals, scripts and VS Code, which no Jupyter Server of ours serves. `vault` stores the
login in a private file, encrypted with a key of `keyring_key`. `entry` is the content of the file.
`remembered_login` connects the login of a process to the file.
"""
