export default { jet: { input: process.env.DOCUMENT, output: { target: process.env.OUTPUT, client: "fetch", mode: "single" } } };
