package io.vostok.config;

/** A setting cannot be what it was set to. The message names key, value, what is allowed and, once known, the source. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String key;
    private final String problem;

    /**
     * @param key the setting's name, or the unknown name that was found
     * @param problem the rest of the sentence that the key begins
     */
    public ConfigException(String key, String problem) {
        super(key + " " + problem);
        this.key = key;
        this.problem = problem;
    }

    /** Says what is wrong with a source as a whole, a file that cannot be read for example. */
    public ConfigException(String message) {
        super(message);
        this.key = "";
        this.problem = message;
    }

    /** Returns this fault with the place its value was read from. */
    ConfigException from(String source) {
        return new ConfigException(key, problem + " (" + source + ")");
    }

    /** Returns the setting's name; empty when the fault is not in one setting. */
    public String key() {
        return key;
    }
}
