"""What would be if questions were dropped, keyed, credited or weighed otherwise."""
