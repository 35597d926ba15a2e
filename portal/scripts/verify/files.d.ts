/** Text files that the verify page holds. */
declare module "*.sh" {
  const text: string;
  export default text;
}
