"""Who has which role on what, as it was decided: templates and documents are held against this."""

from typing import Final

# Azure's built-in roles (Microsoft Learn, "Azure built-in roles").
ROLE_IDS: Final = {
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Queue Data Message Sender": "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
    "Storage Queue Data Reader": "19e7f393-937e-4f77-808e-94535e297925",
}

# Who, which role, on what: each row as the template writes it.
APP, TOPIC, OPERATOR = "identity.properties.principalId", "topic.identity.principalId", "principalId"
ASSIGNED: Final = {
    ("identity.bicep", APP, "Storage Blob Data Owner", "account"),
    ("identity.bicep", APP, "Storage Queue Data Contributor", "account"),
    ("identity.bicep", APP, "Monitoring Metrics Publisher", "insights"),
    ("topic.bicep", TOPIC, "Storage Blob Data Contributor", "account::blobs::deadLetters"),
    ("topic.bicep", TOPIC, "Storage Queue Data Message Sender", "account::queues::retries"),
    ("operator.bicep", OPERATOR, "Storage Blob Data Contributor", "account::blobs::photos"),
    ("operator.bicep", OPERATOR, "Storage Blob Data Reader", "account::blobs::receipts"),
    ("operator.bicep", OPERATOR, "Storage Queue Data Reader", "account::queues::retries"),
    ("operator.bicep", OPERATOR, "Storage Queue Data Message Sender", "account::queues::retries"),
}
