"""`python -m lti_tool.cli` is `proximal`."""

from lti_tool.cli import main

if __name__ == "__main__":
    main()
