// What the compiler does not hold the page's scripts to: promises that nothing waits for, conditions that are always
// true, names that say nothing. Formatting is prettier's.

import tseslint from "typescript-eslint";

const NAMES = "/^(found|one)$/";
const bound = [
  `VariableDeclarator > Identifier.id[name=${NAMES}]`,
  `:function > Identifier.params[name=${NAMES}]`,
  `ArrayPattern > Identifier[name=${NAMES}]`,
];

export default tseslint.config(
  { ignores: ["**/node_modules/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // It counts `?.`, `??` and `&&` too.
      complexity: ["error", 20],
      eqeqeq: "error",
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", 60],
      "no-restricted-syntax": ["error", ...bound.map((selector) => ({ selector, message: "Say what it is." }))],
      // An index inside a length that was checked: the compiler asks for the sign (noUncheckedIndexedAccess).
      "@typescript-eslint/no-non-null-assertion": "off",
      // The sign of an input method that took a key; nothing newer says it everywhere.
      "@typescript-eslint/no-deprecated": ["error", { allow: ["keyCode"] }],
      // Code points are meant where a text is spread.
      "@typescript-eslint/no-misused-spread": "off",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/restrict-plus-operands": ["error", { allowNumberAndString: true }],
    },
  },
  {
    // They take and give JSON of the Python tests.
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
);
