"""`python -m fastecg`: the command line."""

from fastecg.cli import main

if __name__ == "__main__":
    main()
