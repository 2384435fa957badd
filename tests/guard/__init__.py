"""The guard that agents install: with the real SDKs, against providers and services that are made here."""
