"""Everything that stands in for Azure and Microsoft 365 on one machine, from real parts where there are any."""
