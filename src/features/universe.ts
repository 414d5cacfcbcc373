// Which issues belong to the universe, as of a snapshot of /equities/master.

/** Domestic stocks of the eight market segments; REITs, ETFs, foreign issues and TOKYO PRO are left out. SQL over equities_master. */
export const universeSql: string = `COALESCE("ProdCat", '011') = '011' AND "Mkt" IN ('0101','0102','0104','0106','0107','0111','0112','0113')`;
