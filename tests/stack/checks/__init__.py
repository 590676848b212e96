"""What has to hold, one file for each part."""
