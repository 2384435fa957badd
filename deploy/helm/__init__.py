"""The Helm chart, and how its tests and those of kustomize get what they render."""
