"""Rebuild what may be public from an allow-list, and let an audit that shares none of its code decide.

Belongs here: which rows, fields and texts may be shown, and for which classes of rows (`schemas/protection.toml`), the audit, the manifest
of the protected zone. Does not: who is a person (`model`), counts (`evaluate`), the form of what is published (`release`).
"""
