"""What photo-sync needs in Azure, as Bicep, and the one step that comes after the code is deployed."""
