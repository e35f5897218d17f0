"""The rules of an entry: small facts about a scan, a family a file. checks.py puts them in their order."""
