"""What tests share: databases, a school with the tool and the practice LMS, HTML readers."""
