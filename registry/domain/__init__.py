"""The rules: pure deciders, one folder per aggregate."""
