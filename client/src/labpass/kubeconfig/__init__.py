"""A researcher's kubeconfig: built from an allow-list, cleaned, written safely. Imports nothing."""
