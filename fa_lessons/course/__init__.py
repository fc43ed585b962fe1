"""The lessons as a whole: finding and running the notebooks, the ledger of claims, the doctor."""
