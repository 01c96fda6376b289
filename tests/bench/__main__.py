"""`python -m tests.bench`: print every measurement."""

from tests.bench import answer

if __name__ == "__main__":
    answer.main()
