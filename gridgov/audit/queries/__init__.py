"""All SQL of the audit trail and of approvals. Private to the domain."""
